"""Reading what is saved: novels, chapters and jobs, as plain frozen objects. It writes nothing."""
