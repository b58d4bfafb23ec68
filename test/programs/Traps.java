// What docs/guide/programs.md says of JDBC.
import java.sql.*;
import java.util.UUID;

public class Traps {
    interface Setter { void set(PreparedStatement call) throws SQLException; }

    private static void tell(Connection connection, String what, String query, Setter setter) {
        try (PreparedStatement call = connection.prepareStatement(query)) {
            setter.set(call);
            call.execute();
            System.out.println(what + ": passes");
        } catch (SQLException error) {
            System.out.println(what + ": " + error.getSQLState());
        }
    }

    public static void main(String[] arguments) throws SQLException {
        String url = "jdbc:postgresql://localhost:" + System.getenv("PGPORT") + "/"
            + System.getenv("PGDATABASE");
        try (Connection connection = DriverManager.getConnection(url, "site_admin", "")) {
            tell(connection, "user", "SELECT opigno.set_user_context('ada', 'Ada', true)",
                 call -> {});
            tell(connection, "?::jsonb", "SELECT opigno.upsert_profile('ada', 0, ?::jsonb)",
                 call -> call.setString(1, "[]"));
            tell(connection, "? for jsonb", "SELECT opigno.upsert_profile('ada', 0, ?)",
                 call -> call.setString(1, "[]"));
            tell(connection, "setInt", "SELECT opigno.get_profile('ada', ?)",
                 call -> call.setInt(1, 0));
            tell(connection, "setLong", "SELECT opigno.get_profile('ada', ?)",
                 call -> call.setLong(1, 0));
            tell(connection, "UUID", "SELECT opigno.get_profile(?, 0)",
                 call -> call.setObject(1, UUID.randomUUID()));
            connection.setAutoCommit(false);
            tell(connection, "CALL in a transaction",
                 "CALL opigno.load_profiles_in_batches('staged')", call -> {});
        }
    }
}
