#!/usr/bin/env perl
# report.pl FAILURES <OUTCOMES: compares what json_schema_runner prints with the failures that are expected, and prints
# the differences. report.pl --table <OUTCOMES: prints how many tests pass, as a table of Markdown.
use strict;
use warnings;

my @drafts = qw(draft4 draft6 draft7 draft2019-09 draft2020-12);
my ($argument) = @ARGV;

my @outcomes = map { chomp; [split /\t/] } <STDIN>;
die "no outcomes\n" unless @outcomes;

sub differences {
    open my $file, '<', $argument or die "$argument: $!\n";
    my (@expected, %outcome_of, $outcome);
    while (<$file>) {
        chomp;
        next if /^(#|$)/;
        if (/^\[(.+)\] .+/) {
            $outcome = $1;
        } else {
            push @expected, $_;
            $outcome_of{$_} = $outcome // die "$argument, line $.: in no section\n";
        }
    }
    my @problems;
    my %is_used;
    for (@outcomes) {
        my ($path, $group, $test, $outcome) = @$_;
        s/^"(.*)"$/$1/ for $group, $test;
        $path =~ s/\.json$//;
        my ($entry) = grep { exists $outcome_of{$_} }
            "$path\t$group\t$test", "$path\t$group\t*", "$path\t*\t*";
        $is_used{$entry} = 1 if $entry;
        my $wanted = $entry ? $outcome_of{$entry} : 'passed';
        push @problems, "$path, $group, $test: $outcome, but $wanted is expected"
            unless index($outcome, $wanted) == 0;
    }
    push @problems, map { "there is no test of $_" } grep { !$is_used{$_} } @expected;
    print map { "$_\n" } @problems;
    return @problems ? 1 : 0;
}

sub table {
    my (%passed, %all);
    for (@outcomes) {
        my ($draft, $file) = $_->[0] =~ m{^([^/]+)/(.*)\.json$} or die "$_->[0]\n";
        $all{$file}{$draft}++;
        $passed{$file}{$draft} += $_->[3] eq 'passed';
    }
    my $cell = sub {
        my ($file, $draft) = @_;
        my ($passed, $all) = ($passed{$file}{$draft}, $all{$file}{$draft});
        return !$all ? '-' : $passed == $all ? $all : "$passed of $all";
    };
    my $row = sub { '| ' . join(' | ', @_) . " |\n" };
    print $row->('tests', map { s/draft//r } @drafts), $row->('---', map { '---:' } @drafts);
    my $order = sub { ($_[0] =~ tr{/}{}) . " $_[0]" };
    for my $file (sort { $order->($a) cmp $order->($b) } keys %all) {
        print $row->($file, map { $cell->($file, $_) } @drafts);
    }
    return 0;
}

exit($argument eq '--table' ? table() : differences());
