// Stack traces name the lines of the sources. The maps of packages, 35 MiB in memory, are left out where Node can do so.
import * as module from 'node:module';

if (module.setSourceMapsSupport === undefined) process.setSourceMapsEnabled(true);
else module.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
