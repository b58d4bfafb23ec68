<?php
// What docs/guide/requests.md says of its program for PDO, and of statements in one message.
require __DIR__ . '/requests_pdo.php';

$authorization = getenv('AUTHORIZATION');

function headers(?string $authorization): array
{
    return ['Authorization' => $authorization, 'Opigno-Client-UUID' => 'john'];
}

function tell(callable $call): void
{
    try {
        echo $call(), "\n";
    } catch (PDOException $error) {
        preg_match('/ERROR:  (.*)/', $error->getMessage(), $match);
        echo $error->getCode(), ' ', $match[1], "\n";
    }
}

$backend = 'SELECT pg_backend_pid(), opigno.request_user()';
$row = fn (string $text) => $pdo->query($text)->fetch(PDO::FETCH_NUM);
tell(fn () => set_theme($pdo, headers($authorization), 'dark'));
tell(fn () => $row('SELECT FROM opigno.my_profiles()'));
tell(fn () => set_theme($pdo, headers('Bearer nobody'), 'light'));
tell(fn () => set_theme($pdo, headers(getenv('EXPIRED_AUTHORIZATION')), 'light'));
tell(fn () => set_theme($pdo, [], 'light'));
tell(fn () => request($pdo, headers($authorization), [
    ["SELECT FROM opigno.patch_my_profile(1, '{\"lost\": 1}')", []],
    ['SELECT 1 / 0', []],
]));
[[$within]] = request($pdo, headers($authorization), [[$backend, []]]);
$after = $row($backend);
echo json_encode($within['pg_backend_pid'] === $after[0]), ' ', $within['request_user'], ' ',
    $after[1] ?? 'null', "\n";
$pdo->exec("SELECT 'count'");
tell(fn () => set_theme($pdo, headers($authorization), 'dim'));

// A function of the site's own, in one statement.
$pdo->exec("SELECT 'function'");
$night = [$authorization, 'john', 'night'];
echo run($pdo, 'SELECT shop.set_theme(?, ?, ?) AS theme', $night)[0]['theme'], "\n";
echo $row($backend)[1] ?? 'nobody', "\n";

// Literals in one message. The second one fails, and the log gets the statement.
$pdo->exec("SELECT 'literals'");
$literals = $pdo->prepare(
    'SELECT opigno.begin_request(?, ?); SELECT outcome FROM opigno.patch_my_profile(1, ?)',
    [PDO::ATTR_EMULATE_PREPARES => true]);
$literals->execute([getenv('LOGGED_AUTHORIZATION'), 'john', '{"theme": "day"}']);
echo $literals->fetchColumn(), "\n";
tell(fn () => $literals->execute([getenv('LOGGED_AUTHORIZATION'), 'john', '{']));
