import { Option, type Command } from 'commander';
import { presets, searchMethods } from '../shared/settings.ts';
import { zoneSources } from '../shared/protect-job.ts';
import { camThreshold, collect, integerBetween, numberBetween } from './option-values.ts';

/** The options that decide what a protected image looks like; `plan` takes the same. */
export function withProtectOptions(command: Command): Command {
  return command
    .argument('<folder>', 'folder with the images (or one image); never written to')
    .requiredOption('-o, --out <folder>', 'where the protected copy goes')
    .option('--logo <file>', 'logo with transparency: PNG, SVG, WebP')
    .option('--text <text>', 'text mark instead of a logo')
    .requiredOption(
      '-s, --surrogate <model>',
      'grader the search works against: .onnx or TensorFlow.js model.json (repeat)',
      collect,
    )
    .option('--victim <model>', 'grader that only measures the effect (repeat)', collect)
    .addOption(
      new Option(
        '-p, --preset <name>',
        'published: one plain logo; balanced: several textured marks; mesh: tiled text',
      )
        .choices(presets)
        .default('balanced'),
    )
    .option('--marks <n>', 'how many marks to aim at', integerBetween(1, 24))
    .option(
      '--size <fraction>',
      "longest side of a mark as a fraction of the field's diameter",
      numberBetween(0.02, 1),
    )
    .option('--opacity <fraction>', 'cap of the opacity, 0 to 1', numberBetween(0, 1))
    .option(
      '--min-psnr <dB>',
      'weaken the ink until the image keeps this PSNR (balanced: 28); 0 leaves it open',
      numberBetween(0, 60),
    )
    .option('--rotation <degrees>', 'clockwise', numberBetween(-180, 180))
    .option('--texture <fraction>', 'amplitude of the ink texture, 0 (plain) to 0.5', numberBetween(0, 0.5))
    .addOption(new Option('--search <method>', 'how places are searched').choices(searchMethods))
    .option(
      '--budget <n>',
      'most queries an image and surrogate: forwards + 2 x gradients',
      integerBetween(1, 100_000),
    )
    .option(
      '--pipeline <steps>',
      'what consumers do before grading, for the search: direct, jpeg:75, resize:50%, ... (repeat)',
      collect,
    )
    .option('--verify-pipeline <steps>', 'the same, for the measurement (repeat)', collect)
    .option('--labels <csv>', 'grades: columns file,grade')
    .option(
      '--annotations <path>',
      'lesions and landmarks: folder or file (mask PNG, Pascal VOC, COCO, CSV boxes)',
    )
    .option('--allow-unannotated', 'go on where the annotations say nothing about an image')
    .addOption(
      new Option(
        '--zone <source>',
        'who says where lesions are; auto: the annotations, or the lesion network where there are none',
      )
        .choices(zoneSources)
        .default('auto'),
    )
    .option('--lesion-network <file>', 'network to use instead of the bundled one (.onnx of train-lesions)')
    .option(
      '--cam-threshold <level>',
      'keep free where the first surrogate looks: above 0..255, or its hottest 20%',
      camThreshold,
    )
    .option(
      '--dilation <pixels>',
      "margin around lesions and landmarks (default: 1 % of the field's diameter)",
      integerBetween(0, 2000),
    )
    .option('--no-landmarks', 'leave optic disc and fovea open unless annotated')
    .addOption(
      new Option('--format <name>', 'lossless format of the output')
        .choices(['png', 'tiff', 'webp'])
        .default('png'),
    )
    .option('--strip-metadata', 'leave EXIF, XMP and colour profile out (privacy)')
    .option('--seed <n>', 'same seed, same result', integerBetween(0, 0xffff_ffff), 1)
    .option('--owner <name>', 'holder of the rights, for the certificates (default: name in the key)')
    .option('--rights <text>', 'rights statement, for the certificates')
    .option('--threads <n>', 'threads of the graders (default: all)', integerBetween(1, 256))
    .option('--shard <i/n>', 'do only part i of n')
    .option('--retry-failed', 'try images again that failed in an earlier run')
    .option('--limit <n>', 'only the first n images', integerBetween(1, 10_000_000));
}
