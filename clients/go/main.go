// Calls the service with the generated client, and prints what it answers: one line for each request.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/oapi-codegen/runtime/types"
	"voice-sessions.example/client/generated/voicesessions"
)

var ctx = context.Background()

func connect(apiKey string) *voicesessions.ClientWithResponses {
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("X-API-Key", apiKey)
		return nil
	}
	return must(voicesessions.NewClientWithResponses(os.Getenv("API_URL"), voicesessions.WithRequestEditorFn(authorize)))
}

// create prints the answer, and returns the room's name, or "" where the request was refused.
func create(client *voicesessions.ClientWithResponses, agentID, idempotencyKey string) string {
	metadata, user := voicesessions.Metadata{"name": "Ana", "order": "427"}, "customer-427"
	response := must(client.CreateVoiceSessionWithResponse(
		ctx,
		&voicesessions.CreateVoiceSessionParams{IdempotencyKey: &idempotencyKey},
		voicesessions.CreateVoiceSessionRequest{AgentID: agentID, Metadata: &metadata, UserIdentifier: &user},
	))
	if response.StatusCode() != http.StatusOK {
		fmt.Println(response.StatusCode(), response.HTTPResponse.Header.Get("X-Error-Code"))
		return ""
	}
	replayed := ""
	if response.Headers200.IdempotencyReplayed != nil {
		replayed = " replayed"
	}
	fmt.Printf("200 %s%s\n", response.JSON200.RoomName, replayed)
	return response.JSON200.RoomName
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func day(name string) types.Date {
	return types.Date{Time: must(time.Parse(time.DateOnly, os.Getenv(name)))}
}

func main() {
	client, agentID := connect(os.Getenv("API_KEY")), os.Getenv("AGENT_ID")

	idempotencyKey := rand.Text()
	roomName := create(client, agentID, idempotencyKey)
	create(client, agentID, idempotencyKey)

	got := must(client.GetVoiceSessionWithResponse(ctx, roomName))
	var session *voicesessions.VoiceSession = got.JSON200
	metadata := *session.Metadata
	fmt.Println(
		got.StatusCode(), session.RoomName, session.Status, *session.UserIdentifier, metadata["name"], metadata["order"],
	)

	ended := must(client.EndVoiceSessionWithResponse(ctx, roomName))
	fmt.Println(ended.StatusCode(), ended.JSON200.RoomName, ended.JSON200.Status, *ended.JSON200.EndReason)

	group := voicesessions.UsageGroupByAgent
	usage := must(client.GetUsageWithResponse(ctx, &voicesessions.GetUsageParams{
		From: day("USAGE_FROM"), To: day("USAGE_TO"), GroupBy: &group,
	})).JSON200
	fmt.Println(200, usage.GroupBy, len(usage.Rows), usage.Rows[0].Calls, usage.OpenCalls)

	ofType := "call.ended"
	events := must(client.ListEventsWithResponse(ctx, &voicesessions.ListEventsParams{Type: &ofType})).JSON200
	for _, event := range events.Events {
		call := must(event.AsCallEvent())
		fmt.Println(200, call.Type, call.Data.RoomName)
	}

	var job voicesessions.AgentJob
	if err := json.Unmarshal([]byte(os.Getenv("AGENT_JOB")), &job); err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.AgentName, job.AgentVersion, *job.UserIdentifier, (*job.Metadata)["order"])

	create(connect("tk_live_unknown"), agentID, rand.Text())
	create(connect(os.Getenv("POOR_API_KEY")), os.Getenv("POOR_AGENT_ID"), rand.Text())
	create(client, "00000000-0000-4000-8000-000000000000", rand.Text())
}
