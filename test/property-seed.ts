import fc from 'fast-check';

/**
 * Properties try the same values on every run, so that a check says the same of the same sources. `npm run test:random` tries
 * new ones; what fails there prints its seed and the values it came down to, which become a test of their own.
 */
if (process.env.MILLRACE_RANDOM !== '1') fc.configureGlobal({ seed: 7 });
