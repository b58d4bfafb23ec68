<?php
// What docs/guide/programs.md says of PDO.
$pdo = new PDO('pgsql:host=' . getenv('PGHOST') . ';dbname=' . getenv('PGDATABASE'), 'site_admin');
$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);

function tell(string $what, string $query, ?callable $bind = null, array $arguments = []): void
{
    global $pdo;
    try {
        $statement = $pdo->prepare($query);
        if ($bind !== null) {
            $bind($statement);
        }
        $statement->execute($arguments ?: null);
        echo "$what: ", json_encode($statement->fetchColumn()), "\n";
    } catch (PDOException $error) {
        echo "$what: ", $error->getCode(), "\n";
    }
}

tell('user', "SELECT is_active FROM opigno.set_user_context('ada', 'Ada', true)");
$set = "SELECT is_active FROM opigno.set_user_context('ada', is_active => ?)";
tell('false', $set, null, [false]);
tell("'false'", $set, null, ['false']);
tell('PARAM_BOOL', $set, fn ($statement) => $statement->bindValue(1, false, PDO::PARAM_BOOL));
$pdo->beginTransaction();
tell('CALL in a transaction', "CALL opigno.load_profiles_in_batches('staged')");
