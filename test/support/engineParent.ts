/** A program that starts an engine, tells its process id and keeps it busy for minutes: its end must end the engine. */
import { startEngine } from '../../src/llm/process/engineClient.ts';

const engine = await startEngine({ folder: 'fixtures/llama3', endTokens: [], maxTokens: 2 ** 20, prepack: false });
process.stdout.write(`${engine.processId()}\n`);
const long = Array.from({ length: 12_000 }, (_, i) => i % 150);
await engine.scoreLabels([long], [[1]]);
