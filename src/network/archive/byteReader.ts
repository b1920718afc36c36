/** Bytes of a stream in pieces of the size that is asked for. */

export interface ByteReader {
	/** Returns the next bytes; fewer where the stream ends before. */
	take(count: number): Promise<Buffer>;
	/** Yields the next bytes as they come, fewer where the stream ends before. */
	stream(count: number): AsyncGenerator<Buffer>;
}

/** Returns a reader of a stream. */
export function byteReader(source: AsyncIterable<Uint8Array>): ByteReader {
	const iterator = source[Symbol.asyncIterator]();
	let rest: Buffer = Buffer.alloc(0);
	async function* stream(count: number): AsyncGenerator<Buffer> {
		let wanted = count;
		while (wanted > 0) {
			if (rest.length === 0) {
				const { done, value } = await iterator.next();
				if (done === true) return;
				rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
			}
			const piece = rest.subarray(0, wanted);
			rest = rest.subarray(piece.length);
			wanted -= piece.length;
			if (piece.length > 0) yield piece;
		}
	}
	return {
		stream,
		take: async (count) => {
			const pieces: Buffer[] = [];
			for await (const piece of stream(count)) pieces.push(piece);
			return Buffer.concat(pieces);
		},
	};
}
