#!/usr/bin/env perl
# run_suites.pl SUITE...: runs each suite, an executable that prints TAP, and ends with the one
# line "N passed, N failed". A suite that is missing, dies, prints no plan, breaks its plan, runs
# nothing or skips everything counts as failed: nothing that did not run is ever green.
use strict;
use warnings;
use File::Spec;
use TAP::Harness;
use TAP::Parser::Aggregator;

die "usage: run_suites.pl SUITE...\n" unless @ARGV;

my $harness = TAP::Harness->new({ exec => [], verbosity => $ENV{VERBOSE} ? 1 : 0,
    failures => 1, comments => 1, errors => 1, timer => 1 });
my ($passed, $failed) = (0, 0);

for my $suite (@ARGV) {
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

print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
