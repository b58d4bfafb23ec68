#!/usr/bin/env perl
# run_suites.pl SUITE... [--beside SUITE...] [--omitted REASON SUITE...]: runs each suite, an executable that prints TAP,
# and ends with a line for each suite that failed or is omitted and the line "N passed, N failed". The suites after
# --beside run at the same time as the others, in order among themselves and with the lowest priority; their output comes
# after the output of the others. A suite that is missing, dies, prints no plan, breaks its plan, runs nothing or skips
# everything counts as failed.
use strict;
use warnings;
use File::Spec;
use File::Temp;
use IO::Handle;
use POSIX ();
use TAP::Harness;
use TAP::Parser::Aggregator;

my (@suites, @beside, @omitted);
my $list = \@suites;
for (@ARGV) {
    if ($_ eq '--beside') { $list = \@beside }
    elsif ($_ eq '--omitted') { $list = \@omitted }
    else { push @$list, $_ }
}
my $reason = shift @omitted;
die "usage: run_suites.pl SUITE... [--beside SUITE...] [--omitted REASON SUITE...]\n" unless @suites || @beside;

my $harness = TAP::Harness->new({ exec => [], verbosity => $ENV{VERBOSE} ? 1 : 0,
    failures => 1, comments => 1, errors => 1, timer => 1 });
my ($passed, $failed) = (0, 0);
my @failures;
# The first of the suite that runs.
my @bad_tests;
$harness->callback(made_parser => sub {
    my ($parser) = @_;
    @bad_tests = ();
    $parser->callback(test => sub {
        my ($test) = @_;
        return if $test->is_ok && !$test->has_skip && !$test->has_todo;
        push @bad_tests, join ' ', grep { length } $test->number, $test->description if @bad_tests < 10;
    });
});

sub fail { # SUITE, HOW OFTEN, WHY
    my ($suite, $count, $why) = @_;
    $failed += $count;
    push @failures, "$suite: $why";
}

sub run_in_order {
    for my $suite (@_) {
        unless (-x $suite) {
            fail($suite, 1, 'is missing or has no run bit');
            next;
        }
        my $result = TAP::Parser::Aggregator->new;
        $result->start;
        unless (eval { $harness->aggregate_tests($result, [File::Spec->rel2abs($suite), $suite]); 1 }) {
            fail($suite, 1, "did not run: $@" =~ s/\s+\z//r);
            next;
        }
        $result->stop;
        # What TAP calls passed although it was skipped, or failed and was expected to (TODO).
        my $excused = $result->skipped + $result->todo;
        my $ran = $result->total - $excused;
        $passed += $result->passed - $excused;
        my ($parser) = $result->parsers;
        if (my $count = $result->failed + $excused) {
            fail($suite, $count, join ', ', @bad_tests);
        }
        # Beyond single tests: an exit status, a broken plan, or nothing that ran at all.
        if (!$result->failed && ($result->exit || $result->wait || $result->parse_errors)) {
            my $signal = $parser->wait & 127;
            my @status = $signal ? "signal $signal has ended it"
                : $parser->wait ? 'its exit status is ' . ($parser->wait >> 8) : ();
            fail($suite, 1, join '; ', @status, $parser->parse_errors);
        }
        fail($suite, 1, 'ran no test') if $ran == 0;
    }
}

# The child prints into one file, and its two numbers and its failures into another.
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
        print $file map("$_\n", "$passed $failed", @failures) and close($file) or POSIX::_exit(1);
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
        chomp(my @theirs = <$numbers>);
        push @failures, @theirs;
    } else {
        fail('the suites beside', 1, 'did not run to their end');
    }
}

print "failed: $_\n" for @failures;
print "omitted: $_: $reason\n" for @omitted;
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
