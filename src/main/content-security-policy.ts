/** SHA-256 of the fixed style element that Observable Plot puts into each chart; test/window checks that it still fits. */
const chartStyle = "'sha256-jSYQUrW7J0b3jPqhZP9C2Xh1PyJKHKXd4s0fpGGKrww='";

/** Everything is forbidden but the page's own files and the engine's pictures. No inline script, no inline style. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${chartStyle}`,
  "img-src 'self' medlocker-image: blob:",
  "font-src 'self'",
  "connect-src 'self' medlocker-image:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');
