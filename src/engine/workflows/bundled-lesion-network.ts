import { fileURLToPath } from 'node:url';

/** The lesion network that comes with the program; its card lies beside it. */
export const bundledLesionNetwork = fileURLToPath(
  new URL('../../../assets/lesions/lesion-network.onnx', import.meta.url),
);
