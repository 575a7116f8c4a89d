using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;

namespace VmDeploy.Xapi;

/// <summary>Waits for changes as the host tells of them (<c>event.from</c>).</summary>
internal sealed class XapiEvents
{
    private const double PatienceSeconds = 30;

    // The present state comes at once; a host that has none to tell would wait, and the object is gone.
    private const double FirstSeconds = 1;
    private const int Attempts = 3;

    private readonly XapiClient _client;
    private readonly ILogger _log;

    public XapiEvents(XapiClient client, ILogger log)
    {
        _client = client;
        _log = log;
    }

    /// <summary>Waits until one object is as wished.</summary>
    /// <param name="class">Its class, as the datamodel writes it.</param>
    /// <param name="reference">The object.</param>
    /// <param name="isDone">Called with the object's present state, and with each later one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The state in which it was as wished, or null when the object is gone.</returns>
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

    /// <summary>Objects that are followed.</summary>
    public sealed class Watch
    {
        private readonly XapiEvents _events;
        private readonly Dictionary<string, XapiRecord> _records = [];
        private readonly Dictionary<string, string> _classes = [];
        private string _token = "";

        public Watch(XapiEvents events) => _events = events;

        /// <summary>Follows one object more; its present state comes with the next call.</summary>
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

        /// <summary>The object's last known state; null when it is gone.</summary>
        public XapiRecord? Find(string reference) => _records.TryGetValue(reference, out var record) ? record : null;

        /// <summary>Waits for the next change; the first call after <see cref="Add"/> comes back at once.</summary>
        public async Task NextAsync(CancellationToken cancellationToken)
        {
            var isFirst = _token.Length == 0;
            while (true)
            {
                var batch = await _events.FromAsync(_classes.Select(c => $"{c.Value}/{c.Key}").ToList(), _token, cancellationToken);
                _token = batch.Text("token");
                if (isFirst)
                    _records.Clear();
                var changes = batch.Fields.TryGetValue("events", out var list) && list is List<object> items ? items : [];
                foreach (var change in changes.Select(item => new XapiRecord("", item)))
                {
                    var reference = change.Text("ref");
                    if (change.Text("operation") == "del")
                        _records.Remove(reference);
                    else if (change.Fields.TryGetValue("snapshot", out var snapshot) && _classes.ContainsKey(reference))
                        _records[reference] = new XapiRecord(reference, snapshot);
                }
                if (isFirst || changes.Count > 0)
                    return;
            }
        }
    }

    private async Task<XapiRecord> FromAsync(List<string> classes, string token, CancellationToken cancellationToken)
    {
        var seconds = token.Length == 0 ? FirstSeconds : PatienceSeconds;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new XapiRecord("", await _client.CallAsync("event.from", TimeSpan.FromSeconds(seconds), cancellationToken, classes, token, seconds));
            }
            catch (VmDeployException e) when (e.IsTransient && attempt < Attempts)
            {
                _log.EventsRetried(e.Message);
            }
        }
    }
}
