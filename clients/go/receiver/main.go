// Receives events: verifies each, keeps it, answers at once, and does its work once, however often it comes.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"voice-sessions.example/client/generated/voicesessions"
)

type event struct {
	ID   string          `json:"id"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func work(eventType string, data json.RawMessage) {
	var session voicesessions.VoiceSession
	if err := json.Unmarshal(data, &session); err != nil {
		log.Fatal(err)
	}
	fmt.Println(eventType, session.RoomName, *session.CreditsCharged)
}

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	// The ids of what has come. In production: a table of yours, in which the id is unique.
	var known sync.Map

	receive := func(response http.ResponseWriter, request *http.Request) {
		// The exact bytes are signed, not what they mean.
		body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, 64*1024))
		if err != nil || webhook.Verify(body, request.Header) != nil {
			fmt.Println("not verified")
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		var received event
		if err := json.Unmarshal(body, &received); err != nil {
			log.Fatal(err)
		}
		_, isKnown := known.LoadOrStore(received.ID, true)
		response.WriteHeader(http.StatusNoContent)
		// A type that nobody here knows is answered all the same.
		if isKnown {
			fmt.Println("again", received.Type)
		} else if received.Type == "call.ended" {
			work(received.Type, received.Data)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	log.Fatal(http.Serve(listener, http.HandlerFunc(receive)))
}
