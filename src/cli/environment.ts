/** What the variables of an environment decide: where caches lie, which servers are asked, with which key. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EngineSettings } from '../llm/engineSettings.ts';
import { hubCacheFolder } from '../network/hub/hubCache.ts';
import type { CacheFolders } from '../network/sources/source.ts';
import type { ModelSourceOptions } from '../study/models/machineModels.ts';
import type { Environment } from '../terminal/channel.ts';

/** Returns where fetched data lies. */
export function dataCaches(environment: Environment): CacheFolders {
	return { hub: hubCacheFolder(environment), downloads: join(cacheFolderOf(environment), 'datasets') };
}

/** Returns where things are kept that can be made again. */
export function cacheFolderOf(environment: Environment): string {
	const named = (name: string): string | null => valueOf(environment, name);
	return named('RATIONALE_CACHE') ?? join(named('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'llm-rationale');
}

/** Returns where models come from. */
export function modelSourceOptions(environment: Environment, engine: EngineSettings): ModelSourceOptions {
	return {
		engine,
		hubCache: hubCacheFolder(environment),
		apiBaseUrl: valueOf(environment, 'OPENAI_BASE_URL'),
		apiKey: valueOf(environment, 'OPENAI_API_KEY'),
	};
}

/** Returns the environment of this process. */
export function processEnvironment(): Environment {
	return process.env;
}

function valueOf(environment: Environment, name: string): string | null {
	return environment[name]?.trim() || null;
}
