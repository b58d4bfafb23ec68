#!/usr/bin/env perl
# run_suites.pl SUITE... [--beside SUITE...]: runs each suite, an executable that prints TAP, and ends with the one
# line "N passed, N failed". Those after --beside run at the same time as the others, in order among themselves and with
# the lowest priority; what they print comes after what the others do. A suite that is missing, dies, prints no plan, breaks its plan, runs
# nothing or skips everything counts as failed: nothing that did not run is ever green.
use strict;
use warnings;
use File::Spec;
use File::Temp;
use IO::Handle;
use POSIX ();
use TAP::Harness;
use TAP::Parser::Aggregator;

die "usage: run_suites.pl SUITE... [--beside SUITE...]\n" unless grep { $_ ne '--beside' } @ARGV;
my (@suites, @beside);
my $list = \@suites;
for (@ARGV) {
    if ($_ eq '--beside') { $list = \@beside }
    else { push @$list, $_ }
}

my $harness = TAP::Harness->new({ exec => [], verbosity => $ENV{VERBOSE} ? 1 : 0,
    failures => 1, comments => 1, errors => 1, timer => 1 });
my ($passed, $failed) = (0, 0);

sub run_in_order {
    for my $suite (@_) {
        unless (-x $suite) {
            print "$suite is missing or has no run bit\n";
            $failed++;
            next;
        }
        my $result = TAP::Parser::Aggregator->new;
        $result->start;
        unless (eval { $harness->aggregate_tests($result, [File::Spec->rel2abs($suite), $suite]); 1 }) {
            print "$suite did not run: $@\n";
            $failed++;
            next;
        }
        $result->stop;
        # What TAP calls passed although it was skipped, or failed and was expected to (TODO).
        my $excused = $result->skipped + $result->todo;
        my $ran = $result->total - $excused;
        $passed += $result->passed - $excused;
        $failed += $result->failed + $excused;
        # Beyond single tests: an exit status, a broken plan, or nothing that ran at all.
        $failed++ if !$result->failed && ($result->exit || $result->wait || $result->parse_errors);
        if ($ran == 0) {
            print "$suite ran no test\n";
            $failed++;
        }
    }
}

# The child prints into one file, and its two numbers into another.
my ($child, $output, $numbers);
if (@beside) {
    $output = File::Temp->new;
    $numbers = File::Temp->new;
    STDOUT->flush;
    defined($child = fork) or die "fork: $!\n";
    if ($child == 0) {
        setpgrp;
        setpriority(0, 0, 19);
        open(STDOUT, '>>', $output->filename) && open(STDERR, '>&', \*STDOUT) or POSIX::_exit(1);
        STDOUT->autoflush;
        run_in_order(@beside);
        open(my $file, '>', $numbers->filename) or POSIX::_exit(1);
        print $file "$passed $failed\n" and close($file) or POSIX::_exit(1);
        STDOUT->flush;
        POSIX::_exit(0);
    }
    # With all that it started.
    $SIG{$_} = sub { kill(TERM => -$child, $child); exit 1 } for qw(INT TERM HUP);
}
run_in_order(@suites);
if (@beside) {
    my $status = waitpid($child, 0) == $child ? $? : -1;
    print for <$output>;
    my $line = <$numbers> // '';
    if ($status == 0 && $line =~ /^(\d+) (\d+)$/) {
        $passed += $1;
        $failed += $2;
    } else {
        print "the suites beside did not run to their end\n";
        $failed++;
    }
}

print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
