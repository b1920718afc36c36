/** Where the files of a model lie. */
export interface ModelPlace {
	/** A folder in the Hugging Face layout, or a GGUF file. */
	readonly folder: string;
	/** Folder of an adapter in PEFT's layout, or null. */
	readonly adapter: string | null;
	/** Where the numbers of a GGUF file are kept; only such files need it. */
	readonly decodedFolder?: string;
}
