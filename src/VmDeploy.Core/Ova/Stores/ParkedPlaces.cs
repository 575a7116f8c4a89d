namespace VmDeploy.Ova;

/// <summary>
/// The places in compressed bytes where the last readers stopped: who reads on behind one doesn't begin again. They are few for all members of an
/// archive together, as each holds the windows of its decompressor and perhaps an open archive.
/// </summary>
internal sealed class ParkedPlaces : IDisposable
{
    private const int Most = 4;

    private readonly List<(InflatedStore Store, Decompressor Place)> _parked = [];
    private bool _isClosed;

    /// <summary>A place in a store that is not behind an offset; null if there is none.</summary>
    public Decompressor? Take(InflatedStore store, long offset)
    {
        lock (_parked)
        {
            var index = _parked.FindIndex(one => one.Store == store && one.Place.Position <= offset);
            if (index < 0)
                return null;
            var place = _parked[index].Place;
            _parked.RemoveAt(index);
            return place;
        }
    }

    /// <summary>Keeps a place, instead of another one in the same store or of the oldest.</summary>
    public void Park(InflatedStore store, Decompressor place)
    {
        Decompressor? leaving = null;
        lock (_parked)
        {
            var same = _parked.FindIndex(one => one.Store == store);
            if (_isClosed || place.IsStopped)
            {
                leaving = place;
            }
            else
            {
                if (same >= 0 || _parked.Count == Most)
                {
                    leaving = _parked[Math.Max(same, 0)].Place;
                    _parked.RemoveAt(Math.Max(same, 0));
                }
                _parked.Add((store, place));
            }
        }
        leaving?.Dispose();
    }

    public void Dispose()
    {
        lock (_parked)
        {
            _isClosed = true;
            _parked.ForEach(one => one.Place.Dispose());
            _parked.Clear();
        }
    }
}
