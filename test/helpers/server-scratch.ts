// A directory for one server, gone with it when the test is.
export { Scratch } from '../../bin/local-servers/scratch';
