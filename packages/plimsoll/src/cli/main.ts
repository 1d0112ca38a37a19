import { command } from './command.ts';
import { guardOutput } from './streams.ts';

guardOutput();
const status = await command(process.argv.slice(2));
// A failure that the output's guard has told before stays one.
process.exitCode ??= status;
