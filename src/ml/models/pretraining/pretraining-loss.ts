import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';
import { crossEntropyOf } from '../training/cross-entropy.ts';

const GRADES = 5;
const LABEL_SMOOTHING = 0.05;
const FOCAL_WEIGHT = 4;

export interface PretrainingLoss {
  /** Grade, focal and Dice loss together. */
  readonly total: Scalar;
  readonly parts: { readonly grade: Scalar; readonly focal: Scalar; readonly dice: Scalar };
}

/**
 * What a pretraining network is trained on: cross-entropy of the grade (label smoothing 0.05), focal loss of the maps (times 4) and
 * their Dice loss. `logits` [n, 5], `maps` [n, h, w, k] logits, `targets` the same shape with 0 or 1.
 */
export function pretrainingLoss(
  logits: Tensor2D,
  maps: Tensor4D,
  grades: readonly number[],
  targets: Tensor4D,
): PretrainingLoss {
  const grade = crossEntropyOf(logits, [...grades], GRADES, LABEL_SMOOTHING);
  const focal = focalLoss(maps, targets);
  const dice = diceLoss(maps, targets);
  return { total: tf.addN([grade, tf.mul(focal, FOCAL_WEIGHT), dice]), parts: { grade, focal, dice } };
}

/**
 * Binary focal loss with gamma 2 and weights 0.75 for what is there, 0.25 for what is not (Lin et al., ICCV 2017): mean over
 * places, sum over maps.
 */
export function focalLoss(maps: Tensor4D, targets: Tensor4D): Scalar {
  const signed = tf.mul(maps, tf.sub(1, tf.mul(targets, 2)));
  // log(1 + e^z) of the signed logit is the cross-entropy; its sigmoid the probability of the wrong answer.
  const weighted = tf.mul(tf.square(tf.sigmoid(signed)), tf.softplus(signed));
  const balanced = tf.mul(weighted, tf.add(tf.mul(targets, 0.5), 0.25));
  return tf.sum(tf.mean(balanced, [0, 1, 2]));
}

/** 1 - Dice over the whole batch for each map (Milletari et al., 3DV 2016, without squares), averaged; maps that are empty in the batch score 0 loss when nothing is painted. */
export function diceLoss(maps: Tensor4D, targets: Tensor4D): Scalar {
  const painted = tf.sigmoid(maps);
  const both = tf.sum(tf.mul(painted, targets), [0, 1, 2]);
  const either = tf.add(tf.sum(painted, [0, 1, 2]), tf.sum(targets, [0, 1, 2]));
  const dice = tf.div(tf.add(tf.mul(both, 2), 1), tf.add(either, 1));
  return tf.mean(tf.sub(1, dice));
}
