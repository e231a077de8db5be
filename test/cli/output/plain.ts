/** Turns colors off, regardless of the tester's terminal. */
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = '1';
