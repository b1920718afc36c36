/** Returns what onnxruntime says without the place in its C++ sources and the condition there that was not met. */
export function plainReason(message: string): string {
	return message
		.trim()
		.replace(/^\S+\.(?:cc|cpp|h):\d+ .*? was false\.\s*(?=\S)/su, '')
		.replace(/^\S+\.(?:cc|cpp|h):\d+ (?=\S)/u, '');
}
