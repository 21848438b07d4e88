// What is kept in DATA_DIR. A folder that cannot be had is told by its setting's name: whoever reads the line knows what to change.

/** Runs what makes something there. @throws Error with one line that names the setting */
export function keptIn<Made>(dataDir: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw new Error(`nothing can be kept in DATA_DIR (${dataDir}): ${(error as Error).message}`, {
      cause: error,
    });
  }
}
