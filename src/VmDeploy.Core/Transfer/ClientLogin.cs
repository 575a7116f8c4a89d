using System.Diagnostics;

namespace VmDeploy.Transfer;

/// <summary>The login of one client. Renews it, once for all callers and a limited number of times, when the host has ended the session.</summary>
internal sealed class ClientLogin(string server) : IDisposable
{
    private const int RenewalsOfOneCall = 2;
    private const int MaxRenewals = 20;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _lock = new(1);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Queue<TimeSpan> _recent = new();
    private Func<CancellationToken, Task>? _logIn;
    private volatile int _renewals;
    private volatile bool _isClosed;

    public bool IsLoggedIn => _logIn is not null;

    /// <summary>
    /// How often the session was renewed. Views, collectors and paging tokens end with their session, so a
    /// caller that gets a fault for one compares this with the earlier value.
    /// </summary>
    public int Renewals => _renewals;

    /// <summary>Logs in, and again whenever the host has ended the session.</summary>
    public async Task LogInAsync(Func<CancellationToken, Task> logIn, CancellationToken cancellationToken)
    {
        await LogInOnceAsync(logIn, cancellationToken);
        _logIn = logIn;
    }

    /// <summary>Makes a call, and repeats it in a renewed session if <paramref name="hasEnded"/> says that the host has ended the current one.</summary>
    /// <exception cref="VmDeployException"><c>SessionClosed</c>, or <c>SessionNotKept</c> if the host ends every session immediately.</exception>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, Func<VmDeployException, bool> hasEnded, CancellationToken cancellationToken)
    {
        for (var renewals = 0; ; renewals++)
        {
            ThrowIfClosed();
            var seen = _renewals;
            try
            {
                return await call();
            }
            catch (VmDeployException e) when (IsLoggedIn && hasEnded(e))
            {
                if (renewals == RenewalsOfOneCall)
                    throw NotKept(e);
                await RenewAsync(seen, cancellationToken);
            }
        }
    }

    /// <summary>Renews the session unless another caller has renewed it since <see cref="Renewals"/> was <paramref name="seen"/>.</summary>
    /// <exception cref="VmDeployException">As <see cref="CallAsync"/>.</exception>
    public async Task RenewAsync(int seen, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            ThrowIfClosed();
            if (_renewals != seen || _logIn is not { } logIn)
                return;
            while (_recent.Count > 0 && _clock.Elapsed - _recent.Peek() > s_window)
                _recent.Dequeue();
            if (_recent.Count == MaxRenewals)
                throw NotKept(null);
            _recent.Enqueue(_clock.Elapsed);
            await LogInOnceAsync(logIn, cancellationToken);
            _renewals++;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Ends the session once; every later call fails with <c>SessionClosed</c>. A lost logout is repeated.</summary>
    /// <param name="logOut">Ends the session on the host.</param>
    /// <param name="hasEnded">Whether a failure says that the session has ended.</param>
    /// <param name="retry">How often it is tried.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task CloseAsync(Func<Task> logOut, Func<VmDeployException, bool> hasEnded, RetryPolicy retry, CancellationToken cancellationToken)
    {
        // Waits for a renewal in progress, whose session would otherwise remain on the host.
        await _lock.WaitAsync(cancellationToken);
        try
        {
            if (_isClosed || !IsLoggedIn)
                return;
            _isClosed = true;
        }
        finally
        {
            _lock.Release();
        }
        try
        {
            await retry.RunAsync(_ => logOut(), e => e is VmDeployException { IsTransient: true }, cancellationToken);
        }
        catch (VmDeployException e) when (hasEnded(e))
        {
            // By itself, or by a logout whose reply was lost.
        }
    }

    public void ThrowIfClosed()
    {
        if (_isClosed)
            throw new VmDeployException(ErrorCodes.SessionClosed, $"The session with {server} is closed.", server);
    }

    public void Dispose() => _lock.Dispose();

    private static async Task LogInOnceAsync(Func<CancellationToken, Task> logIn, CancellationToken cancellationToken)
    {
        try
        {
            await logIn(cancellationToken);
        }
        catch (VmDeployException e) when (e.IsUnanswered && e.Code != ErrorCodes.HostUnreachable)
        {
            // Its key is not known.
            throw new VmDeployException(e.Code,
                $"{e.Message} If the host has executed the login, the session remains open until the host's idle time-out.", e.Target, e, e.Hint)
            { IsTransient = e.IsTransient };
        }
    }

    private VmDeployException NotKept(Exception? cause) =>
        new(ErrorCodes.SessionNotKept, $"{server} ends every session immediately after login.", server, cause);
}
