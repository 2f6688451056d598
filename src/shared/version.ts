/** Version of the program, as certificates and reports state it; a test compares it with package.json. */
export const version = '0.1.0';
