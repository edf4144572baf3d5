"""What a label carries as a code: serials, GS1 element values, Digital Link URIs. Pure; the random source is given."""
