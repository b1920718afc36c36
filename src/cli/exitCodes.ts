/** What the command line says and returns when something went wrong. */
import { CommanderError } from 'commander';
import { InterruptedError, messageOf, UserError } from '../core/errors.ts';
import type { Channel } from '../terminal/channel.ts';

export const exitCodes = { done: 0, usersInput: 1, ours: 2, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Tells what went wrong, if commander has not done so already, and returns the exit code. */
export function reportFailure(error: unknown, notes: Channel, options: { readonly debug: boolean }): ExitCode {
	if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usersInput;
	const { red, yellow, dim } = notes.colours;
	if (error instanceof InterruptedError) {
		notes.lines([yellow(error.message)]);
		return exitCodes.interrupted;
	}
	const isUsers = error instanceof UserError;
	notes.lines([`${red('error:')} ${messageOf(error)}`]);
	if (!isUsers) notes.lines([bugNotice(options.debug)]);
	if (options.debug && error instanceof Error) notes.lines([dim(error.stack ?? 'no stack'), ...causes(error).map(dim)]);
	return isUsers ? exitCodes.usersInput : exitCodes.ours;
}

function bugNotice(debug: boolean): string {
	const next = debug
		? 'Please report it with the lines below.'
		: 'Please report it with what --debug adds to this message.';
	return `This is a bug in llm-rationale. ${next}`;
}

function causes(error: Error): string[] {
	const { cause } = error;
	return cause instanceof Error ? [`caused by ${cause.stack ?? cause.message}`, ...causes(cause)] : [];
}
