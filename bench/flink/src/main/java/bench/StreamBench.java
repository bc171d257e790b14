package bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.util.Collector;

/**
 * StreamBench EVENTS KEYS CASE: one DataStream job over events held in memory, best of three rounds, as a line of JSON.
 * The events and the jobs are those of ../stream-cases.ts: 100,000 records per second of event time, up to 1 s of disorder.
 */
public class StreamBench {
    static Tuple3<Long, Integer, Long>[] events;
    static volatile long startedAt;
    static volatile long cpuAtStart;

    static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    static class MemorySource implements SourceFunction<Tuple3<Long, Integer, Long>> {
        private volatile boolean running = true;

        public void run(SourceContext<Tuple3<Long, Integer, Long>> context) {
            startedAt = System.nanoTime();
            cpuAtStart = cpuNanos();
            for (int i = 0; i < events.length && running; i++) {
                synchronized (context.getCheckpointLock()) {
                    context.collect(events[i]);
                }
            }
        }

        public void cancel() {
            running = false;
        }
    }

    static class Count implements AggregateFunction<Tuple3<Long, Integer, Long>, Long, Long> {
        public Long createAccumulator() {
            return 0L;
        }

        public Long add(Tuple3<Long, Integer, Long> event, Long count) {
            return count + 1;
        }

        public Long getResult(Long count) {
            return count;
        }

        public Long merge(Long left, Long right) {
            return left + right;
        }
    }

    /** Sums per key, and emits the sum 10 s of event time after the first record. */
    static class SumThenEmit extends KeyedProcessFunction<Integer, Tuple3<Long, Integer, Long>, Long> {
        private ValueState<Long> sum;

        public void open(OpenContext context) {
            sum = getRuntimeContext().getState(new ValueStateDescriptor<>("sum", Types.LONG));
        }

        public void processElement(Tuple3<Long, Integer, Long> event, Context context, Collector<Long> out) throws Exception {
            Long before = sum.value();
            if (before == null) {
                before = 0L;
                context.timerService().registerEventTimeTimer(event.f0 + 10_000);
            }
            sum.update(before + event.f2);
        }

        public void onTimer(long at, OnTimerContext context, Collector<Long> out) throws Exception {
            out.collect(sum.value());
            sum.clear();
        }
    }

    static DataStream<Long> job(String name, DataStream<Tuple3<Long, Integer, Long>> input) {
        KeyedStream<Tuple3<Long, Integer, Long>, Integer> keyed = input.keyBy(event -> event.f1, Types.INT);
        return switch (name) {
            case "map-filter" -> input.map(event -> event.f2 * 2).returns(Types.LONG).filter(value -> value % 3 == 0);
            case "tumbling" -> keyed.window(TumblingEventTimeWindows.of(Duration.ofSeconds(10))).aggregate(new Count());
            case "sliding" -> keyed.window(SlidingEventTimeWindows.of(Duration.ofSeconds(60), Duration.ofSeconds(1))).aggregate(new Count());
            case "session" -> keyed.window(EventTimeSessionWindows.withGap(Duration.ofMillis(200))).aggregate(new Count());
            case "process" -> keyed.process(new SumThenEmit());
            default -> throw new IllegalArgumentException(name);
        };
    }

    @SuppressWarnings("unchecked")
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        int keys = Integer.parseInt(arguments[1]);
        String name = arguments[2];
        events = new Tuple3[count];
        Random random = new Random(7);
        for (int i = 0; i < count; i++) {
            events[i] = Tuple3.of(i / 100L + random.nextInt(1000), random.nextInt(keys), (long) random.nextInt(1000));
        }
        double perSecond = 0;
        double perCpuSecond = 0;
        for (int round = 0; round < 3; round++) {
            Configuration configuration = new Configuration();
            configuration.setString("parallelism.default", "1");
            configuration.setString("pipeline.object-reuse", "true");
            configuration.setString("restart-strategy.type", "none");
            StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
            DataStream<Tuple3<Long, Integer, Long>> input = environment
                .addSource(new MemorySource(), Types.TUPLE(Types.LONG, Types.INT, Types.LONG))
                .assignTimestampsAndWatermarks(WatermarkStrategy
                    .<Tuple3<Long, Integer, Long>>forBoundedOutOfOrderness(Duration.ofSeconds(1))
                    .withTimestampAssigner((event, previous) -> event.f0));
            job(name, input).sinkTo(new DiscardingSink<>());
            environment.execute();
            perSecond = Math.max(perSecond, count / ((System.nanoTime() - startedAt) / 1e9));
            perCpuSecond = Math.max(perCpuSecond, count / ((cpuNanos() - cpuAtStart) / 1e9));
        }
        System.out.printf(Locale.ROOT, "{\"case\":\"%s\",\"perSecond\":%.0f,\"perCpuSecond\":%.0f}%n", name, perSecond, perCpuSecond);
        System.exit(0);
    }
}
