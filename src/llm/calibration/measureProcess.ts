/** Entry point of the process that measures devices. */
import { serve } from '../process/serve.ts';
import { type Measuring, measureDevice } from './measure.ts';

// `measureInProcess.ts` is the only sender, and measuring all it asks for.
serve((_, values) => measureDevice(values[0] as Measuring));
