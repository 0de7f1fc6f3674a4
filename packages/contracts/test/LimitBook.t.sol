// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {Guarded} from "../contracts/Guarded.sol";
import {CreditBook} from "../contracts/CreditBook.sol";
import {LimitBook} from "../contracts/LimitBook.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {BookTest} from "./BookTest.sol";

contract LimitBookTest is BookTest {
    function setUp() public {
        deployBook();
    }

    // ---------------------------------------------------------------- good certificates

    function test_accept_worked_example() public {
        LimitBook.Limit memory certificate = limit(7, BOOTSTRAP);
        vm.expectEmit(address(book));
        emit LimitBook.LimitAccepted(alice, venue, market, certificate, 100e18, book.digestOf(certificate));
        vm.prank(address(0xbeef)); // anyone may post
        this.post(certificate, signed(certificate));

        LimitBook.Standing memory standing = book.limitOf(alice, venue, market);
        equal(standing.maxNotional, BOOTSTRAP, "maxNotional");
        equal(standing.imPpm, 50_000, "imPpm");
        equal(standing.sequence, 7, "sequence");
        equal(standing.issuedAt, START, "issuedAt");
        equal(standing.expiresAt, START + 300, "expiresAt");
        equal(standing.credit, 100e18, "credit");
        equal(standing.ceiling, BOOTSTRAP + PER_HOUR, "ceiling");
        holds(standing.live, "live");
    }

    function post(LimitBook.Limit calldata certificate, bytes[] calldata list) external {
        book.accept(certificate, list);
    }

    function test_accept_edge_three_of_three() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        bytes32 digest = book.digestOf(certificate);
        bytes[] memory list = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            list[i] = signature(keys[i], digest);
        }
        book.accept(certificate, list);
        equal(book.limitOf(alice, venue, market).maxNotional, 1, "maxNotional");
    }

    function test_accept_edge_cut_to_zero_is_free_and_outlives_expiry() public {
        accept(limit(1, BOOTSTRAP));
        accept(limit(2, 0));
        vm.warp(START + 301);
        LimitBook.Standing memory standing = book.limitOf(alice, venue, market);
        equal(standing.maxNotional, 0, "the cut stays");
        holds(!standing.live, "no longer live");
    }

    function test_accept_edge_last_second_of_life() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        vm.warp(certificate.expiresAt);
        accept(certificate);
        holds(book.limitOf(alice, venue, market).live, "live at expiresAt");
        vm.warp(certificate.expiresAt + 1);
        holds(!book.limitOf(alice, venue, market).live, "dead after it");
    }

    function test_accept_edge_as_far_ahead_as_allowed() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        certificate.issuedAt += 15;
        certificate.expiresAt += 15;
        accept(certificate);
    }

    function test_accept_edge_keys_do_not_touch_each_other() public {
        accept(limit(5, BOOTSTRAP));
        LimitBook.Limit memory other = limit(1, 7);
        other.market = keccak256("BTC-PERP");
        accept(other);
        equal(book.limitOf(alice, venue, market).sequence, 5, "first market");
        LimitBook.Key[] memory wanted = new LimitBook.Key[](3);
        wanted[0] = LimitBook.Key(alice, venue, market);
        wanted[1] = LimitBook.Key(alice, venue, other.market);
        wanted[2] = LimitBook.Key(alice, address(1), market);
        LimitBook.Standing[] memory standings = book.limitsOf(wanted);
        equal(standings[0].maxNotional, BOOTSTRAP, "first");
        equal(standings[1].maxNotional, 7, "second");
        equal(standings[2].sequence, 0, "never");
        holds(!standings[2].live, "never live");
        equal(standings[2].ceiling, BOOTSTRAP + PER_HOUR, "fresh ceiling");
    }

    function test_credit_is_one_figure_and_never_falls() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        certificate.credit = 50e18;
        accept(certificate);
        certificate = limit(1, 1);
        certificate.market = keccak256("BTC-PERP");
        certificate.credit = 80e18;
        accept(certificate);
        equal(book.creditOf(alice, venue), 80e18, "raised by the other market");
        certificate = limit(2, 1);
        certificate.credit = 0;
        accept(certificate);
        equal(book.creditOf(alice, venue), 80e18, "not lowered");
        equal(book.creditOf(alice, address(1)), 0, "of that venue alone");
    }

    // ---------------------------------------------------------------- the growth bucket

    function test_bucket_worked_example() public {
        accept(limit(1, BOOTSTRAP + PER_HOUR)); // all of it at once
        equal(book.ceilingOf(alice, venue, market), BOOTSTRAP + PER_HOUR, "empty");
        vm.warp(START + 900); // a quarter of an hour gives a quarter back
        equal(book.ceilingOf(alice, venue, market), BOOTSTRAP + PER_HOUR + PER_HOUR / 4, "a quarter");
        refuse(limit(2, BOOTSTRAP + PER_HOUR + PER_HOUR / 4 + 1), LimitBook.RaiseTooLarge.selector);
        accept(limit(2, BOOTSTRAP + PER_HOUR + PER_HOUR / 4));
        refuse(limit(3, BOOTSTRAP + PER_HOUR + PER_HOUR / 4 + 1), LimitBook.RaiseTooLarge.selector);
    }

    function test_bucket_edge_a_cut_gives_nothing_back() public {
        accept(limit(1, BOOTSTRAP + PER_HOUR));
        accept(limit(2, 0));
        equal(book.ceilingOf(alice, venue, market), BOOTSTRAP, "bootstrap is all");
        refuse(limit(3, BOOTSTRAP + 1), LimitBook.RaiseTooLarge.selector);
        accept(limit(3, BOOTSTRAP));
    }

    function test_bucket_edge_never_above_the_book_s_greatest() public {
        uint64 sequence = 0;
        while (book.ceilingOf(alice, venue, market) < bounds().maxNotional) {
            accept(limit(++sequence, book.ceilingOf(alice, venue, market)));
            vm.warp(block.timestamp + 1 days);
        }
        accept(limit(++sequence, bounds().maxNotional));
        vm.warp(block.timestamp + 1 days);
        equal(book.ceilingOf(alice, venue, market), bounds().maxNotional, "ceiling");
    }

    function test_bucket_rounding_fills_down() public {
        LimitBook.Config memory config = bounds();
        config.raisePerHour = 3_599; // less than one a second
        book = new LimitBook(config, owner, guardian, signers(), 2);
        accept(limit(1, BOOTSTRAP + 3_599));
        vm.warp(START + 1);
        equal(book.ceilingOf(alice, venue, market), BOOTSTRAP + 3_599, "not a whole unit yet");
        vm.warp(START + 2);
        equal(book.ceilingOf(alice, venue, market), BOOTSTRAP + 3_599 + 1, "one");
    }

    function testFuzz_ceiling_is_exact(uint128 first, uint32 wait) public {
        first = uint128(bound(first, 0, BOOTSTRAP + PER_HOUR));
        accept(limit(1, first));
        vm.warp(START + wait);
        uint128 ceiling = book.ceilingOf(alice, venue, market);
        refuse(
            limit(2, ceiling + 1),
            ceiling == bounds().maxNotional ? CreditBook.OutOfBounds.selector : LimitBook.RaiseTooLarge.selector
        );
        accept(limit(2, ceiling));
    }

    // ---------------------------------------------------------------- roles

    function test_pause_by_guardian_resume_by_owner() public {
        accept(limit(1, 1));
        vm.prank(guardian);
        book.pause();
        holds(!book.limitOf(alice, venue, market).live, "nothing is live in a pause");
        refuse(limit(2, 1), Pausable.EnforcedPause.selector);
        vm.prank(guardian);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        book.unpause();
        vm.prank(owner);
        book.unpause();
        accept(limit(2, 1));
    }

    function test_roles_error() public {
        vm.expectPartialRevert(Guarded.NotGuardian.selector);
        book.pause();
        vm.expectPartialRevert(Guarded.NotGuardian.selector);
        book.bumpEpoch();
        vm.prank(guardian);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        book.changeSigners(new address[](0), new address[](0), 1);
        vm.prank(guardian);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        book.setGuardian(address(1));
    }

    function test_rotation_has_an_overlap() public {
        uint256 fresh = uint256(keccak256("fresh"));
        address[] memory added = new address[](1);
        added[0] = vm.addr(fresh);
        address[] memory removed = new address[](1);
        removed[0] = vm.addr(keys[0]);

        vm.prank(owner);
        book.changeSigners(added, new address[](0), 2);
        accept(limit(1, 1)); // the old pair still signs
        accept(limit(2, 1), fresh, keys[1]); // the new key already does

        vm.prank(owner);
        book.changeSigners(new address[](0), removed, 2);
        accept(limit(3, 1), fresh, keys[1]);
        refuse(limit(4, 1), SignerSet.BadSigner.selector);
        equal(book.signers().length, 3, "three keys");
        holds(!book.isSigner(removed[0]) && book.isSigner(added[0]), "the new one for the old one");
    }

    function accept(LimitBook.Limit memory certificate, uint256 a, uint256 b) internal {
        if (vm.addr(a) > vm.addr(b)) (a, b) = (b, a);
        book.accept(certificate, signatures(book.digestOf(certificate), a, b));
    }

    function test_signers_error() public {
        vm.startPrank(owner);
        address[] memory none = new address[](0);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.BadThreshold.selector, 0, 3));
        book.changeSigners(none, none, 0);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.BadThreshold.selector, 4, 3));
        book.changeSigners(none, none, 4);
        address[] memory one = new address[](1);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.BadSignerChange.selector, address(0)));
        book.changeSigners(one, none, 2);
        one[0] = vm.addr(keys[0]);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.BadSignerChange.selector, one[0]));
        book.changeSigners(one, none, 2);
        one[0] = address(1);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.BadSignerChange.selector, one[0]));
        book.changeSigners(none, one, 2);
        vm.stopPrank();
    }

    function test_signers_edge_all_of_them() public {
        vm.prank(owner);
        book.changeSigners(new address[](0), new address[](0), 3);
        equal(book.threshold(), 3, "three of three");
        refuse(limit(1, 1), SignerSet.NotEnoughSigners.selector);
    }

    function test_config_edge_every_bound_is_within() public {
        LimitBook.Config memory c = bounds();
        c.minImPpm = c.maxImPpm;
        c.bootstrapNotional = c.maxNotional;
        c.raisePerHour = type(uint128).max / 2;
        book = new LimitBook(c, owner, guardian, signers(), 2);
        LimitBook.Limit memory certificate = limit(1, c.maxNotional);
        certificate.imPpm = c.maxImPpm;
        certificate.credit = c.maxCredit;
        accept(certificate);
        equal(book.creditOf(alice, venue), c.maxCredit, "the greatest credit");
        LimitBook.Config memory got = book.config();
        equal(uint256(keccak256(abi.encode(got))), uint256(keccak256(abi.encode(c))), "as configured");
    }

    function test_config_error() public {
        LimitBook.Config memory c = bounds();
        c.maxTtlSeconds = 301;
        refuseConfig(c, "maxTtlSeconds");
        c.maxTtlSeconds = 0;
        refuseConfig(c, "maxTtlSeconds");
        c = bounds();
        c.maxFutureSeconds = 16;
        refuseConfig(c, "maxFutureSeconds");
        c = bounds();
        c.minImPpm = 0;
        refuseConfig(c, "minImPpm");
        c = bounds();
        c.maxImPpm = c.minImPpm - 1;
        refuseConfig(c, "maxImPpm");
        c = bounds();
        c.maxNotional = 0;
        refuseConfig(c, "maxNotional");
        c = bounds();
        c.maxCredit = 0;
        refuseConfig(c, "maxCredit");
        c = bounds();
        c.bootstrapNotional = c.maxNotional + 1;
        refuseConfig(c, "bootstrapNotional");
        c = bounds();
        c.raisePerHour = 0;
        refuseConfig(c, "raisePerHour");
        c.raisePerHour = type(uint128).max;
        refuseConfig(c, "raisePerHour");
        equal(book.config().maxTtlSeconds, 300, "as configured");
    }

    function refuseConfig(LimitBook.Config memory config, string memory field) internal {
        vm.expectRevert(abi.encodeWithSelector(LimitBook.BadConfig.selector, field));
        new LimitBook(config, owner, guardian, signers(), 2);
    }
}
