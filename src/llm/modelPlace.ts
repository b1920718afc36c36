/** Where the files of a model lie. */
export interface ModelPlace {
	/** In the Hugging Face layout. */
	readonly folder: string;
	/** Folder of an adapter in PEFT's layout, or null. */
	readonly adapter: string | null;
}
