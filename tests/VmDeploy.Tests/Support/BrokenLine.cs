namespace VmDeploy.Tests.Support;

/// <summary>Breaks the connection of a session at a chosen request: <c>options with { WrapHandler = line.Wrap }</c>.</summary>
internal sealed class BrokenLine
{
    private int _left = int.MaxValue;
    private int _breaks;
    private bool _lateBreak;

    /// <summary>How many requests have been broken.</summary>
    public int Broken { get; private set; }

    /// <summary>Which requests count; null for all.</summary>
    public Func<HttpRequestMessage, bool>? Only { get; set; }

    /// <summary>Called with the body of each SOAP request before it is sent.</summary>
    public Action<string>? Seen { get; set; }

    /// <summary>How much of the body of a broken request still arrives; null for all of it or, on an early break, nothing.</summary>
    public int? BodyBytes { get; set; }

    /// <summary>Breaks at a request.</summary>
    /// <param name="request">1 is the next one.</param>
    /// <param name="late">The request is carried out, and only its answer is lost.</param>
    /// <param name="times">How many in a row.</param>
    public void BreakAt(int request, bool late = false, int times = 1)
    {
        _lateBreak = late;
        _breaks = times;
        Broken = 0;
        Volatile.Write(ref _left, request);
    }

    public HttpMessageHandler Wrap(HttpMessageHandler inner) => new Handler(this, WireContract.Check(inner));

    private sealed class Handler(BrokenLine line, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (line.Seen is { } seen && request.Method == HttpMethod.Post)
                seen(await request.Content!.ReadAsStringAsync(cancellationToken));
            if (line.Only?.Invoke(request) == false || Interlocked.Decrement(ref line._left) > 0 || line.Broken >= line._breaks)
                return await base.SendAsync(request, cancellationToken);
            line.Broken++;
            if (line.BodyBytes is { } bytes)
            {
                var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
                request.Content = new ByteArrayContent(body, 0, bytes);
            }
            if (line._lateBreak || line.BodyBytes is not null)
                (await base.SendAsync(request, cancellationToken)).Dispose();
            throw new HttpRequestException("Broken on purpose.", new IOException("Broken on purpose."));
        }
    }
}
