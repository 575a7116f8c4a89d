using System.Globalization;

namespace VmDeploy.Simulator.Xapi;

/// <summary>event.from: the changes since a token, or without a token the present state; waits if nothing has changed.</summary>
internal static class EventCalls
{
    private static readonly string[] s_silent = ["session", "event"];

    public static void Register(XapiHost host)
    {
        host.OnLater("event.from", FromAsync);
        host.On("event.get_current_id", call => call.Database.Generation);
    }

    private static async Task<object?> FromAsync(XapiCall call)
    {
        var subscriptions = ((List<object>)call.Arguments[0]!).Select(s => Subscription.Parse((string)s)).ToList();
        var since = ParseToken(call.Text(1));
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(Math.Min((double)call.Arguments[2]!, 3600));
        while (true)
        {
            Task changed;
            lock (call.Database.Gate)
            {
                if (call.Session.IsGone)
                    throw new XapiFailure("SESSION_INVALID", call.Session.Ref);
                var events = Collect(call.Database, subscriptions, since);
                if (events.Count > 0 || DateTime.UtcNow >= deadline)
                {
                    return new Dictionary<string, object>
                    {
                        ["events"] = events,
                        ["valid_ref_counts"] = call.Database.Existing.GroupBy(o => o.Class).ToDictionary(
                            g => g.Key.ToLowerInvariant(), g => (object)g.Count()),
                        ["token"] = FormattableString.Invariant($"{call.Database.Generation:D20},00000000000000000000"),
                    };
                }
                changed = call.Database.Changed;
            }
            var left = deadline - DateTime.UtcNow;
            if (left > TimeSpan.Zero)
                await Task.WhenAny(changed, Task.Delay(left, call.Cancellation));
            call.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private static List<object> Collect(XapiDatabase database, List<Subscription> subscriptions, long? since)
    {
        var events = new List<object>();
        foreach (var target in database.Existing.Where(o => (since is null || o.Modified > since) && Wanted(o)).OrderBy(o => o.Modified))
            events.Add(Event(target, since is null || target.Created > since ? "add" : "mod", database.Record(target)));
        if (since is not null)
        {
            foreach (var target in database.Deleted.Where(o => o.Modified > since && o.Created <= since && Wanted(o)))
                events.Add(Event(target, "del", null));
        }
        return events;

        bool Wanted(XapiObject target) => !s_silent.Contains(target.Class) && subscriptions.Any(s => s.Covers(target));
    }

    private static Dictionary<string, object> Event(XapiObject target, string operation, Dictionary<string, object>? record)
    {
        var result = new Dictionary<string, object>
        {
            ["id"] = $"{target.Modified}",
            ["timestamp"] = "0.",
            ["class"] = target.Class.ToLowerInvariant(),
            ["operation"] = operation,
            ["ref"] = target.Ref,
        };
        if (record is not null)
            result["snapshot"] = record;
        return result;
    }

    private static long? ParseToken(string token) => token.Length == 0 ? null
        : long.TryParse(token.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation
        : throw new XapiFailure("EVENT_FROM_TOKEN_PARSE_FAILURE", token);

    private sealed record Subscription(string? Class, string? Ref)
    {
        public static Subscription Parse(string text)
        {
            var words = text.Split('/');
            var known = XapiSchema.Instance.Classes.Keys.Any(c => c.Equals(words[0], StringComparison.OrdinalIgnoreCase));
            return words switch
            {
                ["*"] => new Subscription(null, null),
                [var type] when known => new Subscription(type, null),
                [var type, var reference] when known => new Subscription(type, reference),
                _ => throw new XapiFailure("EVENT_SUBSCRIPTION_PARSE_FAILURE", text),
            };
        }

        public bool Covers(XapiObject target) =>
            (Class is null || Class.Equals(target.Class, StringComparison.OrdinalIgnoreCase)) && (Ref is null || Ref == target.Ref);
    }
}
