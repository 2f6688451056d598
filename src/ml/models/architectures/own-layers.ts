import { tf } from '../../runtime/tensorflow.ts';
import { AdaptivePooling } from './adaptive-pooling.ts';
import { SelfAttention, TokenEmbedding } from './attention.ts';
import { ChannelNormalisation } from './channel-normalisation.ts';
import { FirstToken } from './first-token.ts';
import { HardSigmoid, HardSwish } from './hard-activations.ts';

/**
 * Makes the layers that TensorFlow.js lacks known to its loader, by the names model files hold. Call before building or
 * reading a model; calling again changes nothing.
 */
export function registerOwnLayers(): void {
  for (const layer of [
    AdaptivePooling,
    ChannelNormalisation,
    FirstToken,
    HardSigmoid,
    HardSwish,
    SelfAttention,
    TokenEmbedding,
  ]) {
    tf.serialization.registerClass(layer);
  }
}
