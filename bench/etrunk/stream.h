/* The frames that stream.c sends and watch.c reads: Ethernet, IPv4, UDP to port 9, and then the fields below. */
#ifndef STREAM_H
#define STREAM_H

#define MAGIC "et9k"
#define MAGIC_AT 42
#define FLOW_AT 46
#define SEQUENCE_AT 48
#define LEAST_LENGTH 60
#define MOST_FLOWS 4

#endif
