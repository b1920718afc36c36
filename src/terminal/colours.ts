/** The colours the terminal output uses; picocolors' `createColors(enabled)` fits. */
export interface Colours {
	/** False when the functions return their text unchanged: marks are then made of characters. */
	readonly isColorSupported: boolean;
	readonly bold: (text: string) => string;
	readonly dim: (text: string) => string;
	readonly underline: (text: string) => string;
	readonly red: (text: string) => string;
	readonly green: (text: string) => string;
	readonly yellow: (text: string) => string;
	readonly blue: (text: string) => string;
	readonly black: (text: string) => string;
	readonly bgYellow: (text: string) => string;
	readonly bgBlue: (text: string) => string;
	readonly white: (text: string) => string;
}

const plain = (text: string): string => text;

/** Text as it is. */
export const noColours: Colours = {
	isColorSupported: false,
	bold: plain,
	dim: plain,
	underline: plain,
	red: plain,
	green: plain,
	yellow: plain,
	blue: plain,
	black: plain,
	bgYellow: plain,
	bgBlue: plain,
	white: plain,
};
