import { z } from 'zod';
import { handleIdSchema, pathHandleSchema } from './handles.ts';

export const themes = ['system', 'dark', 'light'] as const;
export const languages = ['en', 'de', 'zh'] as const;

/** Settings of the window; the engine's job settings are in src/shared/settings.ts. */
export const windowSettingsSchema = z.strictObject({
  theme: z.enum(themes),
  language: z.enum(languages),
  /** Threads a grader may use. */
  threads: z.int().min(1).max(256),
  /** Owner key that signs unless another is chosen. */
  ownerKey: z.string().nullable(),
  /** Only images that a reviewer approved enter the set certificate. */
  reviewRequired: z.boolean(),
  /** The first screen has been seen. */
  welcomed: z.boolean(),
});

export const engineStateSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('starting') }),
  z.strictObject({ status: z.literal('running') }),
  z.strictObject({ status: z.literal('stopped') }),
  /** Died on its own: out of memory, a missing library, killed. It is started again by the next request. */
  z.strictObject({ status: z.literal('crashed'), reason: z.string(), hint: z.string() }),
]);

const appInfoSchema = z.strictObject({
  version: z.string(),
  electron: z.string(),
  platform: z.string(),
  /** The runtime is the test copy of Electron, not the official one. */
  testRuntime: z.boolean(),
  engine: engineStateSchema,
  /** A message about a start that was not smooth, such as damaged settings put aside. */
  notices: z.array(z.string()),
  /** Whether passphrases can be kept in the system's key store. */
  keyStore: z.boolean(),
});

const deviceSchema = z.strictObject({
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  /** Device that runs imported graders (ONNX Runtime) and the one that trains (TensorFlow), in words. */
  inference: z.string(),
  /** Null where TensorFlow is not there, with the reason below. */
  training: z.string().nullable(),
  trainingMissing: z.string().nullable(),
});

const nothing = z.strictObject({});

export const appRequests = {
  'app.info': { by: 'main', input: nothing, output: appInfoSchema },
  'app.device': { by: 'engine', input: nothing, output: deviceSchema },
  /** Versions, device and the last log lines, without paths, names and patient data. */
  'app.diagnostics': { by: 'main', input: nothing, output: z.strictObject({ text: z.string() }) },
  'app.copyDiagnostics': { by: 'main', input: nothing, output: nothing },
  'app.licences': {
    by: 'main',
    input: nothing,
    output: z.array(
      z.strictObject({
        name: z.string(),
        version: z.string(),
        licence: z.string(),
        text: z.string().nullable(),
      }),
    ),
  },
  /** Restarts the engine after a crash; running jobs can be resumed. */
  'app.restartEngine': { by: 'main', input: nothing, output: engineStateSchema },
  'settings.get': { by: 'main', input: nothing, output: windowSettingsSchema },
  'settings.set': { by: 'main', input: windowSettingsSchema.partial(), output: windowSettingsSchema },
  'paths.pickFolder': {
    by: 'main',
    input: z.strictObject({
      purpose: z.enum(['source', 'output', 'annotations', 'verify', 'restore', 'other']),
    }),
    /** Null when the person cancelled. */
    output: pathHandleSchema.nullable(),
  },
  'paths.pickFile': {
    by: 'main',
    input: z.strictObject({
      purpose: z.enum([
        'grader',
        'logo',
        'labels',
        'annotations',
        'key',
        'publicKey',
        'licence',
        'image',
        'settings',
        'any',
      ]),
    }),
    output: pathHandleSchema.nullable(),
  },
  'paths.pickSave': {
    by: 'main',
    input: z.strictObject({
      suggestedName: z.string().max(200),
      kind: z.enum(['csv', 'json', 'licence', 'publicKey']),
    }),
    output: pathHandleSchema.nullable(),
  },
  /** Folders opened before, newest first, that still exist. */
  'paths.recent': { by: 'main', input: nothing, output: z.array(pathHandleSchema) },
  'paths.forgetRecent': { by: 'main', input: nothing, output: nothing },
  /** Shows a file or folder in the system's file manager. */
  'paths.reveal': { by: 'main', input: z.strictObject({ handle: handleIdSchema }), output: nothing },
} as const;

export type WindowSettings = z.infer<typeof windowSettingsSchema>;
export type EngineState = z.infer<typeof engineStateSchema>;
export type AppInfo = z.infer<typeof appInfoSchema>;
export type Device = z.infer<typeof deviceSchema>;
