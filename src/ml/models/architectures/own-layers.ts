import { tf } from '../../runtime/tensorflow.ts';
import { ChannelNormalisation } from './channel-normalisation.ts';

/**
 * Makes the layers that TensorFlow.js lacks known to its loader, by the names model files hold. Call before building or
 * reading a model; calling again changes nothing.
 */
export function registerOwnLayers(): void {
  tf.serialization.registerClass(ChannelNormalisation);
}
