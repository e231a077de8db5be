/** Texts are compared without colours, whatever the terminal of whoever runs the tests. */
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = '1';
