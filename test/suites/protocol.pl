#!/usr/bin/env perl
# protocol.pl SOCKET USER DATABASE QUERY [PARAMETER...]: sends a query as bytes that no client would send, and prints
# "ok", or the SQLSTATE and the message of the error. \xHH in the query and in parameters is a byte. With parameters,
# the query is sent in the extended protocol, as text.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($path, $user, $database, @bytes) = @ARGV;
s/\\x([0-9a-f]{2})/chr(hex($1))/gie for @bytes;
my ($query, @parameters) = @bytes;
my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM(), Peer => $path) or die "no connection to $path: $!\n";
$socket->autoflush(1);

sub take {
    my ($size) = @_;
    my $taken = '';
    while (length $taken < $size) {
        read($socket, $taken, $size - length $taken, length $taken) or die "the server has gone\n";
    }
    return $taken;
}

# Reads messages until the server is ready. Returns the first error.
sub answer {
    my $error;
    while (1) {
        my ($type, $size) = unpack('a N', take(5));
        my $body = take($size - 4);
        return $error // 'ok' if $type eq 'Z';
        next if $type ne 'E' || defined $error;
        my %field = map { substr($_, 0, 1) => substr($_, 1) } grep { length } split(/\0/, $body);
        $error = "$field{C} $field{M}";
        die "$error\n" if $field{S} eq 'FATAL';
    }
}

sub message { return $_[0] . pack('N', 4 + length $_[1]) . $_[1] }

my $startup = pack('N', 196608) . join("\0", 'user', $user, 'database', $database, '', '');
print $socket pack('N', 4 + length $startup) . $startup;
answer() eq 'ok' or die "no session\n";
print $socket @parameters == 0
    ? message('Q', "$query\0")
    : message('P', "\0$query\0" . pack('n', 0))
    . message('B', "\0\0" . pack('n n', 0, scalar @parameters)
        . join('', map { pack('N', length $_) . $_ } @parameters) . pack('n', 0))
    . message('E', "\0" . pack('N', 0)) . message('S', '');
print answer(), "\n";
