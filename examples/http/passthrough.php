<?php
// PHP 8: php -S 127.0.0.1:8080 -d enable_post_data_reading=0 passthrough.php
const LIMIT = 64 << 20; // bytes of a body
ini_set('default_mimetype', '');
header_remove('X-Powered-By');
$body = file_get_contents('php://input', length: LIMIT + 1);
if (strlen($body) > LIMIT) {
    http_response_code(413);
    exit("no answer\n");
}
try {
    $database = new PDO('pgsql:client_encoding=UTF8', options: [PDO::ATTR_PERSISTENT => true]);
    $call = $database->prepare('SELECT * FROM opigno.http_request(?, ?, ?, ?)');
    $call->bindValue(1, $_SERVER['REQUEST_METHOD']);
    $call->bindValue(2, $_SERVER['REQUEST_URI']);
    $headers = json_encode(getallheaders(), JSON_FORCE_OBJECT | JSON_INVALID_UTF8_SUBSTITUTE);
    $call->bindValue(3, $headers);
    $call->bindValue(4, $body, PDO::PARAM_LOB);
    $call->execute();
    $answer = $call->fetch(PDO::FETCH_OBJ);
    foreach (json_decode($answer->response_headers) as $name => $value) header("$name: $value");
    http_response_code($answer->status);
    echo $answer->response_body;
} catch (PDOException $error) {
    error_log($error->getCode());
    http_response_code(str_starts_with($error->getCode(), '22') ? 400 : 503);
    echo "no answer\n";
}
