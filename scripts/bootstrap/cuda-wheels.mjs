// The CUDA build of libtensorflow 2.18.1 and the NVIDIA libraries it was built against, pinned by their SHA-256.

/** The extra `and-cuda` of tensorflow 2.18.1: CUDA 12.5, cuDNN 9.3. Sizes are those of the files. */
const linuxX64 = {
  tensorflow: pinned(
    'tensorflow==2.18.1',
    'c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828',
    615510377,
    'manylinux_2_17_x86_64',
  ),
  libraries: [
    ['cublas-cu12==12.5.3.2', 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b', 363313169],
    [
      'cuda-cupti-cu12==12.5.82',
      'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953',
      13811507,
    ],
    ['cuda-nvcc-cu12==12.5.82', 'b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0', 22468537],
    [
      'cuda-nvrtc-cu12==12.5.82',
      '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
      24873108,
    ],
    [
      'cuda-runtime-cu12==12.5.82',
      '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
      895707,
    ],
    ['cudnn-cu12==9.3.0.75', '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d', 577163502],
    ['cufft-cu12==11.2.3.61', '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8', 192524114],
    ['curand-cu12==10.3.6.82', '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536', 56309107],
    [
      'cusolver-cu12==11.6.3.83',
      '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
      130341232,
    ],
    [
      'cusparse-cu12==12.5.1.3',
      '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
      217558979,
    ],
    ['nccl-cu12==2.21.5', '8579076d30a8c24988834445f8d633c697d42397e92ffc3f63fa26766d25e0a0', 188654414],
    ['nvjitlink-cu12==12.5.82', 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212', 21298879],
  ].map(([name, sha256, bytes]) => ({
    ...pinned(`nvidia-${name}`, sha256, bytes, 'manylinux2014_x86_64'),
    cuda: true,
  })),
};

/** @returns {{tensorflow: object, libraries: readonly object[]} | null} null where there is no CUDA build */
export function cudaWheelsFor(platform) {
  return platform === 'linux-x64' ? linuxX64 : null;
}

/** What an installation costs, for people and for `--plan`. */
export function cudaPlan(platform) {
  const wheels = cudaWheelsFor(platform);
  const list = wheels === null ? [] : [wheels.tensorflow, ...wheels.libraries];
  const downloadBytes = list.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    platform,
    supported: wheels !== null,
    wheels: list.map(({ requirement, bytes, sha256 }) => ({ requirement, bytes, sha256 })),
    downloadBytes,
    // Libraries unpack to about twice their wheels; the largest wheel lies beside them meanwhile.
    diskBytes: Math.round(2.3 * downloadBytes),
  };
}

function pinned(requirement, sha256, bytes, pipPlatform) {
  const [name, version] = requirement.split('==');
  const megabytes = Math.round(bytes / 1e6);
  return { requirement, version, folder: `${name}-${version}`, sha256, bytes, megabytes, pipPlatform };
}
