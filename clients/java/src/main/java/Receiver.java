import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import voicesessions.ApiClient;
import voicesessions.model.VoiceSession;

/** Receives events: verifies each, keeps it, answers at once, and does its work once, however often it comes. */
final class Receiver {
    private static final ObjectMapper JSON = ApiClient.createDefaultObjectMapper();

    /** The ids of what has come. In production: a table of yours, in which the id is unique. */
    private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

    private static void work(String type, VoiceSession session) {
        System.out.println(type + " " + session.getRoomName() + " " + session.getCreditsCharged());
    }

    private static void receive(Webhook webhook, HttpExchange exchange) throws IOException {
        // The exact bytes are signed, not what they mean.
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        try {
            webhook.verify(body, HttpHeaders.of(exchange.getRequestHeaders(), (name, value) -> true));
        } catch (WebhookVerificationException error) {
            System.out.println("not verified");
            answer(exchange, 401);
            return;
        }
        JsonNode event = JSON.readTree(body);
        String type = event.get("type").asText();
        boolean isNew = KNOWN.add(event.get("id").asText());
        answer(exchange, 204);
        // A type that nobody here knows is answered all the same.
        if (!isNew) {
            System.out.println("again " + type);
        } else if (type.equals("call.ended")) {
            work(type, JSON.treeToValue(event.get("data"), VoiceSession.class));
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    public static void main(String[] arguments) throws Exception {
        Webhook webhook = new Webhook(System.getenv("WEBHOOK_SECRET"));
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> receive(webhook, exchange));
        server.start();
        System.out.println("listening");
    }
}
