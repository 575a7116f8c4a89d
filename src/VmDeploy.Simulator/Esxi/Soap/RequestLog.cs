namespace VmDeploy.Simulator.Esxi.Soap;

/// <summary>The last requests.</summary>
internal sealed class RequestLog(int kept)
{
    private readonly Lock _gate = new();
    private readonly Queue<RecordedRequest> _requests = new();

    public void Add(string method, string action, string xml)
    {
        lock (_gate)
        {
            _requests.Enqueue(new(DateTimeOffset.UtcNow, method, action, xml));
            if (_requests.Count > kept)
                _requests.Dequeue();
        }
    }

    public IReadOnlyList<RecordedRequest> All
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }
}
