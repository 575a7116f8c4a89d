using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace VmDeploy.Xapi;

/// <summary>Waits for changes that the host reports (<c>event.from</c>).</summary>
internal sealed class XapiEvents(XapiClient client, ILogger log)
{
    private const double LongPollSeconds = 30;

    // The present state comes at once; if the host has none and waits, the object does not exist any more.
    private const double FirstSeconds = 1;

    /// <summary>Waits until an object meets a condition; returns that state, or null if the object does not exist (any more).</summary>
    public async Task<XapiRecord?> WaitAsync(string @class, string reference, Func<XapiRecord, bool> isDone, CancellationToken cancellationToken)
    {
        var watch = new Watch(this);
        watch.Add(@class, reference);
        while (true)
        {
            await watch.NextAsync(cancellationToken);
            if (watch.Find(reference) is not { } record)
                return null;
            if (isDone(record))
                return record;
        }
    }

    public sealed class Watch(XapiEvents events)
    {
        private readonly Dictionary<string, XapiRecord> _records = [];
        private readonly Dictionary<string, string> _classes = [];
        private string _token = "";

        /// <summary>Adds an object; the next <see cref="NextAsync"/> reads its present state.</summary>
        public void Add(string @class, string reference)
        {
            _classes[reference] = @class;
            _token = "";
        }

        public void Remove(string reference)
        {
            _classes.Remove(reference);
            _records.Remove(reference);
        }

        /// <summary>The object's last known state; null if it does not exist any more.</summary>
        public XapiRecord? Find(string reference) => _records.TryGetValue(reference, out var record) ? record : null;

        /// <summary>Waits for the next change; the first call after <see cref="Add"/> returns at once.</summary>
        public async Task NextAsync(CancellationToken cancellationToken)
        {
            var isFirst = _token.Length == 0;
            var pacer = new PollPacer();
            while (true)
            {
                var clock = Stopwatch.StartNew();
                var batch = await events.FromAsync(_classes.Select(c => $"{c.Value}/{c.Key}").ToList(), _token, cancellationToken);
                _token = batch.Text("token");
                if (_token.Length == 0)
                    throw new VmDeployException(ErrorCodes.UnexpectedReply, "The host reports events without a token to ask for the next ones.", "event.from");
                if (isFirst)
                    _records.Clear();
                var isChanged = false;
                foreach (var change in batch.Fields.TryGetValue("events", out var list) && list is List<object> items ? items : [])
                    isChanged |= Take(new XapiRecord("", change));
                if (isFirst || isChanged)
                    return;
                await pacer.AnsweredAsync(isChanged, clock.Elapsed, cancellationToken);
            }
        }

        // True if it is about one of the objects.
        private bool Take(XapiRecord change)
        {
            var reference = change.Text("ref");
            if (change.Text("operation") == "del")
                return _records.Remove(reference);
            if (!_classes.ContainsKey(reference) || !change.Fields.TryGetValue("snapshot", out var snapshot))
                return false;
            _records[reference] = new XapiRecord(reference, snapshot);
            return true;
        }
    }

    private async Task<XapiRecord> FromAsync(List<string> classes, string token, CancellationToken cancellationToken)
    {
        var seconds = token.Length == 0 ? FirstSeconds : LongPollSeconds;
        return await client.Retries.Call.RunAsync(
            async _ => new XapiRecord("", await client.CallAsync("event.from", TimeSpan.FromSeconds(seconds), cancellationToken, classes, token, seconds)),
            IsPassing, cancellationToken);

        bool IsPassing(Exception e)
        {
            if (e is not VmDeployException { IsTransient: true })
                return false;
            log.EventsRetried(e.Message);
            return true;
        }
    }
}
