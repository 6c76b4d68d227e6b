// Calls the service with the generated client, and prints what it answers: one line for each request.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"os"

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
	response := must(client.CreateVoiceSessionWithResponse(
		ctx,
		&voicesessions.CreateVoiceSessionParams{IdempotencyKey: &idempotencyKey},
		voicesessions.CreateVoiceSessionRequest{AgentID: agentID},
	))
	var refusal *voicesessions.ErrorResponse
	switch response.StatusCode() {
	case http.StatusOK:
		replayed := ""
		if response.Headers200.IdempotencyReplayed != nil {
			replayed = " replayed"
		}
		fmt.Printf("200 %s%s\n", response.JSON200.RoomName, replayed)
		return response.JSON200.RoomName
	case http.StatusUnauthorized:
		refusal = response.JSON401
	case http.StatusPaymentRequired:
		refusal = response.JSON402
	case http.StatusNotFound:
		refusal = response.JSON404
	default:
		log.Fatalf("%s: %s", response.Status(), response.Body)
	}
	fmt.Println(response.StatusCode(), refusal.Detail)
	return ""
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	client, agentID := connect(os.Getenv("API_KEY")), os.Getenv("AGENT_ID")

	idempotencyKey := rand.Text()
	roomName := create(client, agentID, idempotencyKey)
	create(client, agentID, idempotencyKey)

	got := must(client.GetVoiceSessionWithResponse(ctx, roomName))
	var session *voicesessions.VoiceSession = got.JSON200
	fmt.Println(got.StatusCode(), session.RoomName, session.Status)

	ended := must(client.EndVoiceSessionWithResponse(ctx, roomName))
	fmt.Println(ended.StatusCode(), ended.JSON200.RoomName, ended.JSON200.Status, *ended.JSON200.EndReason)

	create(connect("tk_live_unknown"), agentID, rand.Text())
	create(connect(os.Getenv("POOR_API_KEY")), os.Getenv("POOR_AGENT_ID"), rand.Text())
	create(client, "00000000-0000-4000-8000-000000000000", rand.Text())
}
