/** How a world in memory answers the window's commands: at once, or later. */
import type { Commands } from '../host';

/** An answer to each command. */
export type Answers = { [Name in keyof Commands]: (arguments_: Commands[Name][0]) => Commands[Name][1] | Promise<Commands[Name][1]> };
