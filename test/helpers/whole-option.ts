// How the programs of the proof read a number from their command line.
import { InvalidArgumentError } from 'commander';

/** @returns what reads a whole number. @throws InvalidArgumentError if it is none, or less than that */
export const whole =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < least)
      throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
    return number;
  };
