import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.util.Map;
import java.util.UUID;
import voicesessions.ApiClient;
import voicesessions.ApiException;
import voicesessions.ApiResponse;
import voicesessions.api.EventsApi;
import voicesessions.api.UsageApi;
import voicesessions.api.VoiceSessionsApi;
import voicesessions.model.CreateVoiceSessionRequest;
import voicesessions.model.Usage;
import voicesessions.model.UsageGroupBy;
import voicesessions.model.VoiceSession;
import voicesessions.model.VoiceSessionConnection;

/** Calls the service with the generated client, and prints what it answers: one line for each request. */
public class Main {
  public static void main(String[] arguments) throws Exception {
    VoiceSessionsApi api = connect(variable("API_KEY"));
    String agentId = variable("AGENT_ID");

    String idempotencyKey = UUID.randomUUID().toString();
    String roomName = create(api, agentId, idempotencyKey).getRoomName();
    create(api, agentId, idempotencyKey);

    ApiResponse<VoiceSession> answer = api.getVoiceSessionWithHttpInfo(roomName);
    VoiceSession session = answer.getData();
    System.out.printf(
        "%d %s %s %s %s %s%n",
        answer.getStatusCode(),
        session.getRoomName(),
        session.getStatus(),
        session.getUserIdentifier(),
        session.getMetadata().get("name"),
        session.getMetadata().get("order"));

    VoiceSession ended = api.endVoiceSession(roomName);
    System.out.printf("200 %s %s %s%n", ended.getRoomName(), ended.getStatus(), ended.getEndReason());

    LocalDate first = LocalDate.parse(variable("USAGE_FROM"));
    LocalDate last = LocalDate.parse(variable("USAGE_TO"));
    Usage usage =
        new UsageApi(client(variable("API_KEY"))).getUsage(first, last, UsageGroupBy.AGENT, null, null);
    System.out.printf(
        "200 %s %d %d %d%n",
        usage.getGroupBy(),
        usage.getRows().size(),
        usage.getRows().get(0).getCalls(),
        usage.getOpenCalls());

    EventsApi events = new EventsApi(client(variable("API_KEY")));
    for (JsonNode event : events.listEvents("call.ended", null, null, null).getEvents())
      System.out.printf(
          "200 %s %s%n",
          event.get("type").asText(), event.get("data").get("room_name").asText());

    refused(connect("tk_live_unknown"), agentId);
    refused(connect(variable("POOR_API_KEY")), variable("POOR_AGENT_ID"));
    refused(api, UUID.randomUUID().toString());
  }

  static VoiceSessionsApi connect(String apiKey) {
    return new VoiceSessionsApi(client(apiKey));
  }

  static ApiClient client(String apiKey) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(variable("API_URL"));
    client.setRequestInterceptor(request -> request.header("X-API-Key", apiKey));
    return client;
  }

  static VoiceSessionConnection create(VoiceSessionsApi api, String agentId, String idempotencyKey)
      throws ApiException {
    CreateVoiceSessionRequest request =
        new CreateVoiceSessionRequest()
            .agentId(agentId)
            .metadata(Map.of("name", "Ana", "order", "427"))
            .userIdentifier("customer-427");
    var answer = api.createVoiceSessionWithHttpInfo(request, idempotencyKey);
    boolean replayed = answer.getHeaders().containsKey("idempotency-replayed");
    String roomName = answer.getData().getRoomName();
    System.out.printf("%d %s%s%n", answer.getStatusCode(), roomName, replayed ? " replayed" : "");
    return answer.getData();
  }

  static void refused(VoiceSessionsApi api, String agentId) throws Exception {
    try {
      create(api, agentId, null);
    } catch (ApiException refusal) {
      String code = refusal.getResponseHeaders().firstValue("X-Error-Code").orElseThrow();
      System.out.printf("%d %s%n", refusal.getCode(), code);
    }
  }

  static String variable(String name) {
    String value = System.getenv(name);
    if (value == null) throw new IllegalStateException(name + " is not set");
    return value;
  }
}
